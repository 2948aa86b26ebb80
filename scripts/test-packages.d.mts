/** Installs packages of the distribution without starting or enabling what they bring; true when they are there. */
export function installPackages(names: string[]): boolean;
