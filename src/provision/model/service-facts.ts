/** What a web server needs to know of a site; no driver's syntax. Patterns are PCRE and JavaScript alike. */
export interface WebFacts {
  /** Absolute. */
  docroot: string;
  /** What runs when no file answers: '/index.php'. */
  frontController: string;
  /** The only PHP that may be executed, as paths ('/index.php') or anchored patterns on the whole path. */
  entryPoints: { path?: string; pattern?: string; pathInfo?: boolean }[];
  /** Case-insensitive patterns on the path, answered 404 whatever lies there. */
  denied: string[];
  /** Public folders that lie outside the docroot; no script runs in them. `fallback`: a missing file goes to the front controller. */
  folders: { url: string; path: string; fallback?: boolean }[];
  /** Paths that mean another: the first pattern that matches is replaced (`$1` ...), the query string stays. */
  rewrites: { pattern: string; to: string }[];
  /** Pattern of a page that is an error though its status says 200. */
  errorPage?: string;
  /** Variables given to PHP with each request. */
  params: Record<string, string>;
}

/** How a site reaches its database: by a socket and an account that needs no password, or as a file of its own. */
export type DatabaseAccess =
  | { driver: 'mariadb'; socket: string; database: string; account: string }
  | { driver: 'sqlite'; file: string };

/** What the services of a site's server say about it. */
export interface Served {
  /** Its address as visitors see it: `http://shop.example.org`. */
  url: string;
  /** False if its PHP cannot reach other machines, so that a script that tries would only wait. */
  network: boolean;
  database: DatabaseAccess;
}
