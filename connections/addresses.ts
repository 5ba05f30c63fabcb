/**
 * Which network addresses a request may go to: none of this machine's or its network's, unless configured.
 *
 * HOST. Checked twice: on a literal address in the URL, which is never looked up, and on every address that the
 * connection's own lookup gives, so that no name can mean one thing when checked and another when used.
 */
import { lookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import type { LookupFunction } from 'node:net';

const PRIVATE = new BlockList();
const SUBNETS_V4 = [
  ...(['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'] as const),
  ...(['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'] as const),
  ...(['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'] as const),
];
const SUBNETS_V6 = [
  ...(['::/128', '::1/128', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32'] as const),
  ...(['2002::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'] as const),
];
for (const [subnets, family] of [[SUBNETS_V4, 'ipv4'] as const, [SUBNETS_V6, 'ipv6'] as const]) {
  for (const subnet of subnets) {
    const [address = '', prefix = '0'] = subnet.split('/');
    PRIVATE.addSubnet(address, Number(prefix), family);
  }
}

/** True for any address outside the public internet, IPv4-mapped ones included. */
export function isPrivateAddress(address: string): boolean {
  const version = isIP(address);
  return version === 0 || PRIVATE.check(address, version === 6 ? 'ipv6' : 'ipv4');
}

/** The host of a URL when it is a literal address and not public; undefined otherwise. */
export function privateLiteral(url: URL): string | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return isIP(host) !== 0 && isPrivateAddress(host) ? host : undefined;
}

export class PrivateAddressError extends Error {
  readonly code = 'PRIVATE_ADDRESS';
}

/** A lookup for sockets that fails when any of a name's addresses is not public. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => {
    if (error !== null) return callback(error, '', 0);
    const refused = addresses.find(({ address }) => isPrivateAddress(address));
    const [first] = addresses;
    if (refused !== undefined || first === undefined) {
      return callback(new PrivateAddressError(`${hostname} leads to ${refused?.address ?? 'no address'}`), '', 0);
    }
    return options.all === true ? callback(null, addresses) : callback(null, first.address, first.family);
  });
};
