/* Stands in the bundle where the wheel of pillow-heif has libx265, an encoder of HEVC under the GPL.
 * libheif, which reads HEIC, asks for these two functions when it is loaded. No encoder is here: it
 * then says that it cannot write. X265_API_GET is x265_api_get_NUMBER, as that libheif names it.
 */
#ifdef _WIN32
#define PUBLIC __declspec(dllexport)
int DllMainCRTStartup(void *library, int reason, void *reserved) { return 1; }
#else
#define PUBLIC __attribute__((visibility("default")))
#endif

PUBLIC const void *X265_API_GET(int bit_depth) { return 0; }
PUBLIC void x265_cleanup(void) {}
