/** Roles, from the least to the most: each may do all that those before it may. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;

/** `viewer` reads, `operator` also acts, `admin` also manages users, tokens and settings. */
export type Role = (typeof ROLES)[number];

/** Who may call a route: everybody who reaches the gateway, or a caller with at least this role. */
export type Access = 'public' | Role;

/** Whether a caller of this role may do what needs `needed`. */
export function allows(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** Whether a text from outside (a database row, an argument) names a role. */
export function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}
