// SPDX-License-Identifier: GPL-2.0-only
#include "packet/names.hpp"

#include <linux/if_ether.h>

#include <array>
#include <span>

namespace dropctl::packet {

namespace {

struct Name {
    uint16_t number;
    std::string_view name;
};

/// The tables are short, and what is frequent stands first.
std::string_view find(std::span<const Name> names, uint16_t number) {
    for (const Name &name : names) {
        if (name.number == number) {
            return name.name;
        }
    }
    return {};
}

constexpr Name ether_types[] = {
    {ETH_P_IP, "ipv4"},
    {ETH_P_IPV6, "ipv6"},
    {ETH_P_ARP, "arp"},
    {ETH_P_8021Q, "vlan"},
    {ETH_P_8021AD, "vlan"},
    {ETH_P_QINQ1, "vlan"},
    {ETH_P_LLDP, "lldp"},
    {ETH_P_SLOW, "slow"},
    {ETH_P_PAE, "eapol"},
    {ETH_P_PPP_DISC, "pppoe-discovery"},
    {ETH_P_PPP_SES, "pppoe"},
    {ETH_P_MPLS_UC, "mpls"},
    {ETH_P_MPLS_MC, "mpls-multicast"},
    {ETH_P_RARP, "rarp"},
    {ETH_P_MACSEC, "macsec"},
    {ETH_P_1588, "ptp"},
    {ETH_P_LOOPBACK, "loopback"},
    {ETH_P_IPX, "ipx"},
    {ETH_P_ATALK, "atalk"},
    {ETH_P_AARP, "aarp"},
    {ETH_P_BATMAN, "batman"},
    {ETH_P_TIPC, "tipc"},
    {ETH_P_FCOE, "fcoe"},
    {ETH_P_FIP, "fip"},
    {ETH_P_AOE, "aoe"},
    {ETH_P_TEB, "teb"},
    {ETH_P_PRP, "prp"},
    {ETH_P_HSR, "hsr"},
    {ETH_P_CFM, "cfm"},
    {ETH_P_PROFINET, "profinet"},
    {ETH_P_ETHERCAT, "ethercat"},
    {ETH_P_NSH, "nsh"},
    {ETH_P_ERSPAN, "erspan"},
};

constexpr Name ip_protocols[] = {
    {6, "tcp"},    {17, "udp"},     {1, "icmp"},       {58, "icmp6"},   {89, "ospf"},
    {2, "igmp"},   {47, "gre"},     {4, "ipip"},       {41, "ipv6"},    {50, "esp"},
    {51, "ah"},    {132, "sctp"},   {103, "pim"},      {112, "vrrp"},   {88, "eigrp"},
    {33, "dccp"},  {46, "rsvp"},    {115, "l2tp"},     {108, "ipcomp"}, {136, "udplite"},
    {137, "mpls"}, {94, "ipencap"}, {143, "ethernet"},
};

constexpr Name icmp_types[] = {
    {0, "echo reply"},           {3, "unreachable"},
    {4, "source quench"},        {5, "redirect"},
    {8, "echo request"},         {9, "router advertisement"},
    {10, "router solicitation"}, {11, "time exceeded"},
    {12, "parameter problem"},   {13, "timestamp request"},
    {14, "timestamp reply"},     {17, "address mask request"},
    {18, "address mask reply"},
};

constexpr Name icmp_unreachables[] = {
    {0, "net unreachable"},
    {1, "host unreachable"},
    {2, "protocol unreachable"},
    {3, "port unreachable"},
    {4, "fragmentation needed"},
    {5, "source route failed"},
    {6, "net unknown"},
    {7, "host unknown"},
    {9, "net prohibited"},
    {10, "host prohibited"},
    {11, "net unreachable for TOS"},
    {12, "host unreachable for TOS"},
    {13, "admin prohibited"},
};

constexpr Name icmp6_types[] = {
    {1, "unreachable"},
    {2, "packet too big"},
    {3, "time exceeded"},
    {4, "parameter problem"},
    {128, "echo request"},
    {129, "echo reply"},
    {130, "multicast listener query"},
    {131, "multicast listener report"},
    {132, "multicast listener done"},
    {133, "router solicitation"},
    {134, "router advertisement"},
    {135, "neighbor solicitation"},
    {136, "neighbor advertisement"},
    {137, "redirect"},
    {143, "multicast listener report v2"},
};

constexpr Name icmp6_unreachables[] = {
    {0, "no route"},         {1, "admin prohibited"},
    {2, "beyond scope"},     {3, "address unreachable"},
    {4, "port unreachable"}, {5, "source policy failed"},
    {6, "reject route"},
};

constexpr Name igmp_types[] = {
    {0x11, "query"},     {0x12, "report v1"}, {0x13, "dvmrp"},
    {0x16, "report v2"}, {0x17, "leave"},     {0x22, "report v3"},
};

constexpr Name ospf_types[] = {
    {1, "hello"}, {2, "database description"}, {3, "ls request"}, {4, "ls update"}, {5, "ls ack"},
};

constexpr Name pim_types[] = {
    {0, "hello"},      {1, "register"},  {2, "register stop"},
    {3, "join/prune"}, {4, "bootstrap"}, {5, "assert"},
    {6, "graft"},      {7, "graft ack"}, {8, "candidate rp advertisement"},
};

constexpr Name eigrp_opcodes[] = {
    {1, "update"}, {2, "request"},    {3, "query"},      {4, "reply"},
    {5, "hello"},  {10, "sia query"}, {11, "sia reply"},
};

constexpr Name sctp_chunks[] = {
    {0, "data"},
    {1, "init"},
    {2, "init ack"},
    {3, "sack"},
    {4, "heartbeat"},
    {5, "heartbeat ack"},
    {6, "abort"},
    {7, "shutdown"},
    {8, "shutdown ack"},
    {9, "error"},
    {10, "cookie echo"},
    {11, "cookie ack"},
    {14, "shutdown complete"},
};

constexpr Name dccp_types[] = {
    {0, "request"},  {1, "response"}, {2, "data"},  {3, "ack"},  {4, "dataack"},
    {5, "closereq"}, {6, "close"},    {7, "reset"}, {8, "sync"}, {9, "syncack"},
};

constexpr Name pppoe_codes[] = {
    {0x09, "PADI"}, {0x07, "PADO"}, {0x19, "PADR"}, {0x65, "PADS"}, {0xa7, "PADT"},
};

constexpr Name llc_saps[] = {
    {0x42, "stp"}, {0xfe, "iso"}, {0xaa, "snap"}, {0xe0, "ipx"}, {0xf0, "netbeui"},
};

} // namespace

std::string_view ether_type_name(uint16_t type) {
    return find(ether_types, type);
}
std::string_view ip_protocol_name(uint8_t protocol) {
    return find(ip_protocols, protocol);
}
std::string_view icmp_name(uint8_t type) {
    return find(icmp_types, type);
}
std::string_view icmp_unreachable_name(uint8_t code) {
    return find(icmp_unreachables, code);
}
std::string_view icmp6_name(uint8_t type) {
    return find(icmp6_types, type);
}
std::string_view icmp6_unreachable_name(uint8_t code) {
    return find(icmp6_unreachables, code);
}
std::string_view igmp_name(uint8_t type) {
    return find(igmp_types, type);
}
std::string_view ospf_name(uint8_t type) {
    return find(ospf_types, type);
}
std::string_view pim_name(uint8_t type) {
    return find(pim_types, type);
}
std::string_view eigrp_name(uint8_t opcode) {
    return find(eigrp_opcodes, opcode);
}
std::string_view sctp_name(uint8_t chunk_type) {
    return find(sctp_chunks, chunk_type);
}
std::string_view dccp_name(uint8_t type) {
    return find(dccp_types, type);
}
std::string_view pppoe_name(uint8_t code) {
    return find(pppoe_codes, code);
}
std::string_view llc_name(uint8_t dsap) {
    return find(llc_saps, dsap);
}

} // namespace dropctl::packet
