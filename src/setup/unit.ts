import type { SetupTarget } from './target.ts';

/**
 * The systemd unit of the worker. KillMode=mixed and the long stop time let running tasks end: SIGTERM goes to the
 * worker alone, which takes no new task and waits.
 */
export const workerUnit = ({ program, paths }: SetupTarget): string => `# Made by aegir setup.
[Unit]
Description=Aegir Console worker
After=network.target mariadb.service nginx.service
Wants=mariadb.service nginx.service

[Service]
Type=exec
ExecStart=${program} worker --root ${paths.root}
Restart=always
RestartSec=2
KillMode=mixed
TimeoutStopSec=30min
Environment=NODE_ENV=production

[Install]
WantedBy=multi-user.target
`;
