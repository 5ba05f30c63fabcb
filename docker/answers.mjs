/**
 * A health check: ends well when each of the places given (`host:port`, or the path of a socket) accepts a connection.
 */
import { connect } from 'node:net';
import process from 'node:process';

function answers(place) {
  const split = place.lastIndexOf(':');
  const to = place.startsWith('/')
    ? { path: place }
    : { host: place.slice(0, split), port: Number(place.slice(split + 1)) };
  return new Promise((resolve, reject) => {
    const socket = connect({ ...to, timeout: 3000 });
    socket.once('connect', () => resolve(socket.destroy()));
    socket.once('timeout', () => reject(new Error(`${place} does not answer`)));
    socket.once('error', reject);
  });
}

try {
  await Promise.all(process.argv.slice(2).map(answers));
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
