/**
 * Node's environment, which takes away what a test file leaves: jest's runner makes an `AsyncLocalStorage` for each, and from then
 * on Node asks every one that was ever used whenever a promise is made. After fifty files an `await` took twenty times as long.
 * In CommonJS, since Stryker loads it as it is.
 */
const { AsyncLocalStorage } = require('node:async_hooks')
const { TestEnvironment } = require('jest-environment-node')

const used = new Set()

const { run } = AsyncLocalStorage.prototype
AsyncLocalStorage.prototype.run = function (...args) {
  used.add(this)
  return run.apply(this, args)
}

module.exports = class Environment extends TestEnvironment {
  async teardown() {
    for (const storage of used) storage.disable()
    used.clear()
    await super.teardown()
  }
}
