/** How this program was called: from a checkout by npm, or as the command that setup makes. */
export const called = (): string => (process.env.npm_lifecycle_event === 'start' ? 'npm start --' : 'aegir');
