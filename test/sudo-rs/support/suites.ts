/** Where install.sh keeps what it fetched. */
export const cache: string = process.env.BROKER_SUDO_RS_CACHE ?? '/var/cache/broker-sudo-rs'

/**
 * Releases of Debian whose sudo-rs is tested: the stable one, and the next, which is nearest to what Ubuntu has as its
 * default. BROKER_SUDO_RS names others, with blanks between.
 */
export const suites = (): readonly string[] =>
  (process.env.BROKER_SUDO_RS ?? 'trixie forky').split(' ').filter(suite => suite !== '')
