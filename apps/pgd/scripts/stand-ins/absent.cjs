// In the place of packages that are loaded by dockerode and never used by pgd: gRPC and Protocol Buffers for builds, ssh.
module.exports = {}
