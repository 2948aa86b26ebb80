/** Every part of a path that begins with a dot, except the folder of RFC 8615 at the top. */
export const hidden = '(?!^/\\.well-known/)/\\.';

/**
 * Files that no CMS means to show and that lie about all the same: dumps, editors' copies, dependency lists,
 * sources. Matched on the last part of the path (nginx sees the whole path where Apache's FilesMatch sees the
 * name, so recipes that are carried over miss half of them).
 */
export const neverServed =
  '(^|/)([^/]*(~|\\.(bak|orig|save|swp|swo|old|sql|sqlite3?|dump|log|ini|inc|sh|bash|twig|tpl|yml|yaml|lock|dist|po|pem)(\\.(gz|bz2|xz|zst|zip))?)|composer\\.(json|lock)|package(-lock)?\\.json|yarn\\.lock|auth\\.json|web\\.config)$';

/** Endings that some interpreter would run; in a public folder they are neither run nor shown. */
export const scripts = '\\.(php[0-9]*|phtml|pht|phar|phps|pl|py|cgi|sh|asp|aspx|jsp)(/|$)';

/** Endings of what a browser would run script from; in a public folder such a page is shown in a sandbox. */
export const scriptDocuments = '\\.(svgz?|x?html?|shtml|xht|mht|mhtml|xml|xslt?)$';
