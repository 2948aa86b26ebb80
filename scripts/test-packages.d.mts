/** Installs packages of the distribution without starting or enabling their services; true if they are installed. */
export function installPackages(names: string[]): boolean;
