// SPDX-License-Identifier: GPL-2.0-only
// Our own explanations of common drop reasons, for machines without kernel
// headers. One sentence each: what happened, and where to look if that helps.
#include "symbols/reason_docs.hpp"

#include <algorithm>
#include <array>

namespace dropctl::symbols {

namespace {

struct Text {
    std::string_view name;
    std::string_view text;
};

// In alphabetical order: looked up by bisection.
constexpr std::array texts{
    Text{"ARP_PVLAN_DISABLE", "an ARP request that proxy_arp_pvlan is not set to answer"},
    Text{"BPF_CGROUP_EGRESS", "a BPF program of the sender's cgroup refused it"},
    Text{"BRIDGE_INGRESS_STP_STATE", "the bridge port it came in by is not forwarding (STP)"},
    Text{"CPU_BACKLOG", "the CPU's input queue is full (net.core.netdev_max_backlog)"},
    Text{"DEV_HDR", "the device could not build or parse its link header"},
    Text{"DEV_READY", "the device was not ready to send"},
    Text{"DUP_FRAG", "a fragment that had been received already"},
    Text{"FRAG_REASM_TIMEOUT", "its other fragments did not come in time"},
    Text{"FRAG_TOO_FAR", "too many fragments of other packets came between this and the last one "
                         "(net.ipv4.ipfrag_max_dist)"},
    Text{"FULL_RING", "the ring buffer of a tun, tap or virtual device is full"},
    Text{"HDR_TRUNC", "a header is longer than the packet"},
    Text{"ICMP_CSUM", "the ICMP checksum is wrong"},
    Text{"INVALID_PROTO",
         "a message that its protocol forbids here, such as to a broadcast address"},
    Text{"IPV6DISABLED", "IPv6 is switched off on the interface (net.ipv6.conf.*.disable_ipv6)"},
    Text{"IPV6_NDISC_BAD_CODE", "a neighbour discovery message with a code other than 0"},
    Text{"IPV6_NDISC_BAD_OPTIONS", "a neighbour discovery message with malformed options"},
    Text{"IPV6_NDISC_FRAG", "a neighbour discovery message in fragments"},
    Text{"IPV6_NDISC_HOP_LIMIT", "a neighbour discovery message with a hop limit other than 255"},
    Text{"IPV6_NDISC_NS_OTHERHOST", "a neighbour solicitation for an address of another host"},
    Text{"IP_CSUM", "the checksum of the IP header is wrong"},
    Text{"IP_INADDRERRORS", "the host cannot be reached by the routing table"},
    Text{"IP_INHDR", "the IP header is malformed: version, length or options"},
    Text{"IP_INNOROUTES", "no route to where it wants to be forwarded"},
    Text{"IP_INVALID_DEST", "the destination address is not valid here"},
    Text{"IP_INVALID_SOURCE",
         "the source address cannot be one of a sender (multicast, broadcast, zero)"},
    Text{"IP_LOCALNET", "a loopback address on the wire (net.ipv4.conf.*.route_localnet)"},
    Text{"IP_LOCAL_SOURCE", "it came in with one of this host's own addresses as source"},
    Text{"IP_NOPROTO", "nothing here takes this IP protocol"},
    Text{"IP_OUTNOROUTES", "no route for a packet that this host sends"},
    Text{"IP_RPFILTER",
         "replies would not leave by the interface it came in (net.ipv4.conf.*.rp_filter)"},
    Text{"IP_TUNNEL_ECN", "outer and inner congestion marks contradict each other"},
    Text{"LOCAL_MAC", "it came in with the receiving device's own MAC address as source"},
    Text{"MAC_INVALID_SOURCE", "the source MAC address is a multicast or zero address"},
    Text{"NEIGH_CREATEFAIL", "no entry for the next hop could be made in the neighbour table"},
    Text{"NEIGH_DEAD", "the next hop's neighbour entry was being removed"},
    Text{"NEIGH_FAILED", "the next hop does not answer ARP or neighbour solicitations"},
    Text{"NEIGH_HH_FILLFAIL", "the next hop's link header could not be built"},
    Text{"NEIGH_QUEUEFULL", "too many packets wait for the next hop's link address"},
    Text{"NETFILTER_DROP", "a firewall rule (nftables, iptables, IPVS) dropped it"},
    Text{"NOMEM", "no memory, or not in this context"},
    Text{"NOT_SPECIFIED", "the code that dropped it gives no reason; the place tells more"},
    Text{"NO_SOCKET", "no socket for its addresses and ports"},
    Text{"OTHERHOST",
         "its MAC address is another host's; it was seen in promiscuous mode or flooded"},
    Text{"OVS_DROP_ACTION_ERROR", "an action of the flow failed"},
    Text{"OVS_DROP_CONNTRACK", "connection tracking failed on it"},
    Text{"OVS_DROP_DEFERRED_LIMIT", "too many actions were put off at a time"},
    Text{"OVS_DROP_EXPLICIT", "the flow has a drop action"},
    Text{"OVS_DROP_EXPLICIT_WITH_ERROR", "the flow has a drop action that tells of an error"},
    Text{"OVS_DROP_FRAG_INVALID_PROTO",
         "it is too long, and neither IPv4 nor IPv6, so cannot be fragmented"},
    Text{"OVS_DROP_FRAG_L2_TOO_LONG", "its link header is too long for fragmentation"},
    Text{"OVS_DROP_IP_TTL", "its TTL ran out in an action of the flow"},
    Text{"OVS_DROP_LAST_ACTION", "the flow's actions end without sending it anywhere"},
    Text{"OVS_DROP_METER", "a meter's rate was exceeded"},
    Text{"OVS_DROP_RECURSION_LIMIT", "the flow's actions nest too deeply"},
    Text{"PACKET_SOCK_ERROR", "a packet socket could not take its copy"},
    Text{"PKT_TOO_BIG", "it is larger than the MTU and must not or cannot be fragmented"},
    Text{"PKT_TOO_SMALL", "it is shorter than its headers say or must be"},
    Text{"PROTO_MEM", "the protocol has reached its memory limit (net.ipv4.tcp_mem, udp_mem)"},
    Text{"QDISC_DROP",
         "the queueing discipline of the device dropped it, as a rule because it is full"},
    Text{"QDISC_DROP_BAND_LIMIT", "the queue of its priority band is full"},
    Text{"QDISC_DROP_CONGESTED",
         "queue management (CoDel, PIE, RED) dropped it as a sign of congestion"},
    Text{"QDISC_DROP_FLOOD_PROTECTION",
         "its flow does not slow down, so the queueing discipline cut it back (BLUE)"},
    Text{"QDISC_DROP_FLOW_LIMIT", "too many packets of its flow wait already"},
    Text{"QDISC_DROP_GENERIC", "the queueing discipline dropped it and says no more"},
    Text{"QDISC_DROP_HORIZON_LIMIT",
         "its departure time lies too far in the future (horizon of fq)"},
    Text{"QDISC_DROP_MAXFLOWS", "the queueing discipline has no room for one more flow"},
    Text{"QDISC_DROP_OVERLIMIT", "the queue is full (the queueing discipline's limit)"},
    Text{"QUEUE_PURGE", "the queue that it waited in was emptied"},
    Text{"RECURSION_LIMIT", "virtual devices hand it round in a loop"},
    Text{"SECURITY_HOOK", "a security module (SELinux, AppArmor, Smack) refused it"},
    Text{"SKB_CSUM", "the checksum could not be computed or is wrong"},
    Text{"SKB_GSO_SEG", "it could not be cut into segments for sending"},
    Text{"SKB_UCOPY_FAULT", "copying it from or to user memory failed"},
    Text{"SOCKET_BACKLOG", "the socket is in use and its backlog full"},
    Text{"SOCKET_CLOSE", "the socket was closed with this still in its queue"},
    Text{"SOCKET_FILTER", "a filter on the socket (SO_ATTACH_FILTER, BPF) refused it"},
    Text{"SOCKET_RCVBUFF", "the socket's receive buffer is full: the program reads too slowly, or "
                           "SO_RCVBUF is too small"},
    Text{"TAP_FILTER", "a BPF filter on the tun or tap device refused it"},
    Text{"TAP_TXFILTER", "the address filter of the tun or tap device refused it"},
    Text{"TCP_ABORT_ON_DATA",
         "data for a connection that was closed without reading it; a reset is sent"},
    Text{"TCP_ACK_UNSENT_DATA", "it acknowledges what was never sent"},
    Text{"TCP_CLOSE", "the connection is closed"},
    Text{"TCP_CSUM", "the TCP checksum is wrong"},
    Text{"TCP_FASTOPEN", "the socket of an unfinished Fast Open request refused it"},
    Text{"TCP_FLAGS", "its TCP flags make no sense in the connection's state"},
    Text{"TCP_INVALID_SEQUENCE", "its sequence number lies outside of the window"},
    Text{"TCP_INVALID_SYN", "a SYN in an established connection"},
    Text{"TCP_MD5FAILURE", "its TCP MD5 signature is wrong"},
    Text{"TCP_MD5NOTFOUND", "it lacks the TCP MD5 signature that this peer must send"},
    Text{"TCP_MD5UNEXPECTED", "it has a TCP MD5 signature that is not expected"},
    Text{"TCP_MINTTL", "its TTL is below the socket's minimum (IP_MINTTL)"},
    Text{"TCP_OFOMERGE", "an out-of-order segment that another one contains"},
    Text{"TCP_OFO_DROP", "an out-of-order segment whose data had come already"},
    Text{"TCP_OFO_QUEUE_PRUNE", "out-of-order segments were thrown away for want of memory"},
    Text{"TCP_OLD_ACK", "it acknowledges what was acknowledged before"},
    Text{"TCP_OLD_DATA", "a segment that had been received already"},
    Text{"TCP_OLD_SEQUENCE", "its sequence number is from before the window: a duplicate"},
    Text{"TCP_OVERWINDOW", "data beyond the advertised receive window"},
    Text{"TCP_RESET", "a reset came: it ended the connection, or was not valid"},
    Text{"TCP_RFC7323_PAWS", "its timestamp is older than the last one of the connection (PAWS)"},
    Text{"TCP_TOO_OLD_ACK", "its acknowledgement is too old to belong to this connection"},
    Text{"TCP_ZEROWINDOW", "data while the receive window is closed"},
    Text{"TC_CHAIN_NOTFOUND", "a tc filter sent it to a chain that does not exist"},
    Text{"TC_EGRESS", "a tc filter dropped it on its way out"},
    Text{"TC_INGRESS", "a tc filter dropped it on its way in"},
    Text{"TUNNEL_TXINFO", "the tunnel device was given no or wrong tunnel metadata"},
    Text{"UDP_CSUM", "the UDP checksum is wrong"},
    Text{"UNHANDLED_PROTO", "nothing here takes this EtherType"},
    Text{"UNICAST_IN_L2_MULTICAST", "a unicast IP packet in a multicast or broadcast frame"},
    Text{"VXLAN_ENTRY_EXISTS",
         "the source address is pinned to another place in the forwarding table"},
    Text{"VXLAN_INVALID_HDR", "the VXLAN header is malformed or has flags that are not enabled"},
    Text{"VXLAN_VNI_NOT_FOUND", "no VXLAN device has this VNI"},
    Text{"XDP", "an XDP program dropped it"},
    Text{"XFRM_POLICY", "an IPsec policy does not allow it"},
};

static_assert(std::is_sorted(texts.begin(), texts.end(),
                             [](const Text &a, const Text &b) { return a.name < b.name; }));

} // namespace

std::string_view built_in_reason_text(std::string_view name) {
    const auto *place =
        std::lower_bound(texts.begin(), texts.end(), name,
                         [](const Text &text, std::string_view key) { return text.name < key; });
    return place != texts.end() && place->name == name ? place->text : std::string_view();
}

} // namespace dropctl::symbols
