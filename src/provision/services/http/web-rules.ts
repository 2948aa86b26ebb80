/** Every part of a path that begins with a dot, except the top folder of RFC 8615. */
export const hidden = '(?!^/\\.well-known/)/\\.';

/**
 * Files that no CMS wants to publish but that are often there: dumps, editors' copies, dependency lists, sources.
 * Matched on the last part of the path: nginx matches the whole path where Apache's FilesMatch matches the name, so
 * recipes copied from Apache miss half of them.
 */
export const neverServed =
  '(^|/)([^/]*(~|\\.(bak|orig|save|swp|swo|old|sql|sqlite3?|dump|log|ini|inc|sh|bash|twig|tpl|yml|yaml|lock|dist|po|pem)(\\.(gz|bz2|xz|zst|zip))?)|composer\\.(json|lock)|package(-lock)?\\.json|yarn\\.lock|auth\\.json|web\\.config)$';

/** Suffixes of scripts; in a public folder these are neither run nor served. */
export const scripts = '\\.(php[0-9]*|phtml|pht|phar|phps|pl|py|cgi|sh|asp|aspx|jsp)(/|$)';

/** Suffixes of documents that can run scripts in a browser; in a public folder they are served in a sandbox. */
export const scriptDocuments = '\\.(svgz?|x?html?|shtml|xht|mht|mhtml|xml|xslt?)$';
