/** How a person runs this program: with npm in a checkout, or as the command that setup installs. */
export const commandName = (): string => (process.env.npm_lifecycle_event === 'start' ? 'npm start --' : 'aegir');
