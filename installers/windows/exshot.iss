; Inno Setup 6 script: the Windows installer, for one user, without administrator rights.
;   iscc /DVersion=0.1.0 installers\windows\exshot.iss      (after: python installers\bundle\build.py)
; Not yet run on a Windows computer.
#ifndef Version
  #error Give the version: iscc /DVersion=...
#endif

[Setup]
AppId={{6C0A3E0B-3B0D-4B6E-9A57-3E1B7C5F2D10}
AppName=ExShot
AppVersion={#Version}
AppPublisher=The ExShot authors
; exshot_contract.engine_command looks for the bundle here
DefaultDirName={localappdata}\Programs\ExShot
DisableDirPage=auto
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
LicenseFile=..\..\LICENSE
OutputDir=..\..\dist
OutputBaseFilename=ExShot-{#Version}-windows-x86_64
Compression=lzma2/ultra64
SolidCompression=yes
CloseApplications=yes
ChangesEnvironment=yes
UninstallDisplayIcon={app}\exshot.exe

[Languages]
Name: "english"; MessagesFile: "compiler:Default.isl"
Name: "german"; MessagesFile: "compiler:Languages\German.isl"
Name: "spanish"; MessagesFile: "compiler:Languages\Spanish.isl"

[InstallDelete]
; an upgrade leaves nothing of the old version behind
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "..\..\build\bundle\exshot\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{autoprograms}\ExShot Help"; Filename: "{app}\_internal\help\index.html"

[Registry]
Root: HKCU; Subkey: "Environment"; ValueType: expandsz; ValueName: "Path"; ValueData: "{olddata};{app}"; Check: NotOnPath

[Run]
Filename: "{app}\exshot.exe"; Parameters: "install-plugins"; Flags: runhidden; StatusMsg: "Putting the plug-ins into GIMP and Krita..."

[UninstallRun]
Filename: "{app}\exshot.exe"; Parameters: "uninstall-plugins"; Flags: runhidden; RunOnceId: "plugins"

[UninstallDelete]
Type: filesandordirs; Name: "{localappdata}\ExShot\logs"
Type: dirifempty; Name: "{localappdata}\ExShot"

[Code]
function NotOnPath(): Boolean;
var
  Path: String;
begin
  if not RegQueryStringValue(HKEY_CURRENT_USER, 'Environment', 'Path', Path) then
    Path := '';
  Result := Pos(';' + Uppercase(ExpandConstant('{app}')) + ';', ';' + Uppercase(Path) + ';') = 0;
end;

procedure CurUninstallStepChanged(Step: TUninstallStep);
var
  Path, Folder: String;
begin
  if Step <> usPostUninstall then
    exit;
  if not RegQueryStringValue(HKEY_CURRENT_USER, 'Environment', 'Path', Path) then
    exit;
  Folder := ';' + ExpandConstant('{app}');
  StringChangeEx(Path, Folder, '', True);
  RegWriteExpandStringValue(HKEY_CURRENT_USER, 'Environment', 'Path', Path);
end;
