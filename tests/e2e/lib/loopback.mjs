// Loaded before a server that would listen on every interface: it listens on loopback and says on
// which port. Ends with the one who started it.
import { Server } from 'node:net';

const listen = Server.prototype.listen;
Server.prototype.listen = function (port, ...rest) {
  this.once('listening', () => console.error(`loopback port ${this.address().port}`));
  return listen.call(this, Number(port), '127.0.0.1', ...rest.filter((item) => typeof item === 'function'));
};
process.stdin.on('end', () => process.exit(0)).resume();
