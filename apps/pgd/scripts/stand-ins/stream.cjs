// `readable-stream`, which is Node's own module in another version.
module.exports = process.getBuiltinModule('node:stream')
