/** `strip-ansi` for help pages, which have no colours. */
export default (text: string): string => text
