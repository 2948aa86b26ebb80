/** For how many days a site can go back to the release it had before, unless another number is given. */
export const KEPT_DAYS = 7;
