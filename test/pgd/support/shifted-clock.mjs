// Loaded before a program: its clock is wrong by CLOCK_SHIFT milliseconds; that of the machine is not touched.
const shift = Number(process.env.CLOCK_SHIFT)
const RealDate = Date
globalThis.Date = class extends RealDate {
  constructor(...args) {
    super(...(args.length === 0 ? [RealDate.now() + shift] : args))
  }
  static now() {
    return RealDate.now() + shift
  }
}
