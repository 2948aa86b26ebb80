import { type Inventory, now } from './inventory.ts';

/** Who does something, and from where. */
export interface Actor {
  /** Unix user of the process. */
  actor: string;
  sudoUser: string | null;
  /** Address of the SSH client. */
  sshClient: string | null;
}

/** One entry of the audit log. */
export interface AuditRow extends Actor {
  at: string;
  action: string;
  objectKind: string;
  objectName: string;
  taskId: number | null;
}

/** Adds an entry to the audit log. */
export function recordAudit(
  db: Inventory,
  who: Actor,
  what: { action: string; objectKind: string; objectName: string; taskId?: number },
): void {
  db.prepare(
    `INSERT INTO audit (at, actor, sudo_user, ssh_client, action, object_kind, object_name, task_id)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    now(),
    who.actor,
    who.sudoUser,
    who.sshClient,
    what.action,
    what.objectKind,
    what.objectName,
    what.taskId ?? null,
  );
}

/** The newest entries of the audit log. */
export function listAudit(db: Inventory, limit: number): AuditRow[] {
  return db
    .prepare<[number], AuditRow>(
      `SELECT at, actor, sudo_user AS sudoUser, ssh_client AS sshClient, action, object_kind AS objectKind,
         object_name AS objectName, task_id AS taskId FROM audit ORDER BY id DESC LIMIT ?`,
    )
    .all(limit);
}
