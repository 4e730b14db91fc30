/* python.exe: runs the python311.dll beside it. */
#include <stdio.h>
#include <windows.h>

int wmain(int argc, wchar_t **argv)
{
    HMODULE library = LoadLibraryW(L"python311.dll");
    int (*run)(int, wchar_t **);

    if (library == NULL) {
        fprintf(stderr, "python311.dll cannot be loaded (%lu)\n", GetLastError());
        return 1;
    }
    run = (int (*)(int, wchar_t **))(void *)GetProcAddress(library, "Py_Main");
    return run(argc, argv);
}
