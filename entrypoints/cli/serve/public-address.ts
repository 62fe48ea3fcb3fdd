import ipaddr from 'ipaddr.js';

/** All addresses of the public internet are in it: https://www.iana.org/assignments/ipv6-address-space */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number];

/**
 * Whether an IP address is one of the public internet: not loopback, private, link-local (where clouds keep their metadata),
 * shared, multicast, reserved, documentation, or a form of IPv6 that carries an address of IPv4 to elsewhere.
 * @param text as `node:dns` gives it
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  // `::ffff:127.0.0.1` is 127.0.0.1.
  const address = ipaddr.process(text);
  if (address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4' || (address as ipaddr.IPv6).match(GLOBAL_UNICAST);
}
