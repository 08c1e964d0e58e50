; The installer for Windows, from dist\inbox, which `pyinstaller installers\inbox.spec` made there:
; makensis -DVERSION=0.1.0 installers/windows.nsi

Unicode true
!include "MUI2.nsh"
!ifndef VERSION
  !error "say which: makensis -DVERSION=0.1.0 installers/windows.nsi"
!endif
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Inbox"

Name "Inbox"
OutFile "..\dist\inbox-${VERSION}-setup.exe"
InstallDir "$LOCALAPPDATA\Programs\Inbox"
RequestExecutionLevel user
SetCompressor /SOLID lzma

!insertmacro MUI_PAGE_LICENSE "..\LICENSE"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\inbox.exe"
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "Spanish"

Section
  SetOutPath "$INSTDIR"
  File /r "..\dist\inbox\*"
  CreateShortcut "$SMPROGRAMS\Inbox.lnk" "$INSTDIR\inbox.exe"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "Inbox"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
SectionEnd

; The profile with the person's data stays.
Section "Uninstall"
  Delete "$SMPROGRAMS\Inbox.lnk"
  RMDir /r "$INSTDIR"
  DeleteRegKey HKCU "${UNINSTALL}"
SectionEnd
