// What docker-modem takes of `node:util`: of each request it makes a text that nobody is shown, in 1 to 5 ms.
const { inherits } = process.getBuiltinModule('node:util')
module.exports = { inherits, inspect: () => '' }
