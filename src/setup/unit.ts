import type { SetupTarget } from './target.ts';

/**
 * The systemd unit of the worker. KillMode=mixed: SIGTERM goes to the worker alone, which ends within 90 seconds. It
 * starts after the services, so it is stopped before them, and can still use them to undo tasks at shutdown.
 */
export const workerUnit = ({ program, paths }: SetupTarget, services: string[]): string => `# Made by aegir setup.
[Unit]
Description=Aegir Console worker
After=${['network.target', ...services].join(' ')}
Wants=${services.join(' ')}

[Service]
Type=exec
ExecStart=${program} worker --root ${paths.root}
Restart=always
RestartSec=2
KillMode=mixed
TimeoutStopSec=90
Environment=NODE_ENV=production

[Install]
WantedBy=multi-user.target
`;
