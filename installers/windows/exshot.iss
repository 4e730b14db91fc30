; Inno Setup 6 script: the Windows installer, for one user, without administrator rights.
; build_setup.py compiles it; by hand, after installers\bundle\build.py:
;   iscc /DVersion=0.1.0 installers\windows\exshot.iss
; Run under Wine so far (tests/windows), not yet on a Windows computer.
#ifndef Version
  #error Give the version: iscc /DVersion=...
#endif

[Setup]
AppId={{6C0A3E0B-3B0D-4B6E-9A57-3E1B7C5F2D10}
AppName=ExShot
AppVersion={#Version}
AppPublisher=The ExShot authors
VersionInfoVersion={#Version}
MinVersion=10.0
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
#ifdef Quick
Compression=zip/1
#else
Compression=lzma2/ultra64
#endif
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
Source: "..\..\build\bundle-windows\exshot\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{autoprograms}\ExShot Help"; Filename: "{app}\_internal\help\index.html"

[Run]
Filename: "{app}\exshot.exe"; Parameters: "install-plugins"; Flags: runhidden; StatusMsg: "Putting the plug-ins into GIMP and Krita..."

[UninstallRun]
Filename: "{app}\exshot.exe"; Parameters: "uninstall-plugins"; Flags: runhidden; RunOnceId: "plugins"

[UninstallDelete]
Type: filesandordirs; Name: "{localappdata}\ExShot\logs"
Type: dirifempty; Name: "{localappdata}\ExShot"

[Code]
const
  EventModifyState = $0002;
  { exshot.engine.windows_end has the same name. }
  EndEvent = 'Local\ExShotEngineEnd';
  PathKey = 'Environment';

function OpenEvent(Access: DWORD; Inherit: BOOL; Name: String): THandle;
  external 'OpenEventW@kernel32.dll stdcall';
function SetEvent(Event: THandle): BOOL;
  external 'SetEvent@kernel32.dll stdcall';
function CloseHandle(Handle: THandle): BOOL;
  external 'CloseHandle@kernel32.dll stdcall';

{ Engines that editors keep running hold the program's files. The plug-ins start them again. }
procedure EndEngines();
var
  Event: THandle;
begin
  Event := OpenEvent(EventModifyState, False, EndEvent);
  if Event = 0 then
    exit; { no engine is running }
  SetEvent(Event);
  CloseHandle(Event);
  Sleep(1000);
end;

function PrepareToInstall(var NeedsRestart: Boolean): String;
begin
  EndEngines();
  Result := '';
end;

function InitializeUninstall(): Boolean;
begin
  EndEngines();
  Result := True;
end;

{ The user's PATH without our folder. }
function OtherFolders(Path: String): String;
var
  Part: String;
  Place: Integer;
begin
  Result := '';
  while Path <> '' do
  begin
    Place := Pos(';', Path);
    if Place = 0 then
      Place := Length(Path) + 1;
    Part := Copy(Path, 1, Place - 1);
    Delete(Path, 1, Place);
    if (Part <> '') and (CompareText(RemoveBackslash(Part), ExpandConstant('{app}')) <> 0) then
    begin
      if Result <> '' then
        Result := Result + ';';
      Result := Result + Part;
    end;
  end;
end;

procedure ChangePath(Add: Boolean);
var
  Before, Path: String;
begin
  if not RegQueryStringValue(HKEY_CURRENT_USER, PathKey, 'Path', Before) then
    Before := '';
  Path := OtherFolders(Before);
  if Add then
  begin
    if Path <> '' then
      Path := Path + ';';
    Path := Path + ExpandConstant('{app}');
  end;
  if Path = '' then
    RegDeleteValue(HKEY_CURRENT_USER, PathKey, 'Path')
  else if Path <> Before then
    RegWriteExpandStringValue(HKEY_CURRENT_USER, PathKey, 'Path', Path);
end;

procedure CurStepChanged(Step: TSetupStep);
begin
  if Step = ssPostInstall then
    ChangePath(True);
end;

procedure CurUninstallStepChanged(Step: TUninstallStep);
begin
  if Step = usPostUninstall then
    ChangePath(False);
end;
