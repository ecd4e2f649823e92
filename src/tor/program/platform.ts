const SYSTEMS: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: 'linux',
  darwin: 'macos',
  win32: 'windows',
};

const MACHINES: Readonly<Partial<Record<string, string>>> = {
  x64: 'x86_64',
  ia32: 'i686',
  arm64: 'aarch64',
};

/** This machine in the words of the Tor Expert Bundle's file names, such as `linux-x86_64`. */
export function platformName(
  platform: NodeJS.Platform = process.platform,
  arch: string = process.arch,
): string {
  return `${SYSTEMS[platform] ?? platform}-${MACHINES[arch] ?? arch}`;
}

/** How a person installs tor on this machine without onionferry. */
export function installHint(platform: NodeJS.Platform = process.platform): string {
  switch (platform) {
    case 'darwin':
      return 'run "brew install tor", or name a tor with --tor PROGRAM';
    case 'win32':
      return 'unpack the Tor Expert Bundle and name its tor.exe with --tor PROGRAM';
    case 'linux':
      return 'run "apt install tor" as root (elsewhere dnf, pacman or apk), or name a tor with --tor PROGRAM';
    default:
      return 'install tor with your system’s packages, or name a tor with --tor PROGRAM';
  }
}
