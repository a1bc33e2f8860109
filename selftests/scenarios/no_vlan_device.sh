truth='__netif_receive_skb_core(): a tag that vlan_do_receive() finds no device for makes it PACKET_OTHERHOST, or no packet_type takes it'
setup() { must modprobe 8021q; in_d2 'link add link b0 name b0.5 type vlan id 5' 'link set b0.5 up'; }
send="into(vlan(77, ETH_IP, udp4('10.77.0.1', '10.77.0.2', 3000, 7102)), ethertype=ETH_VLAN)"
filter='ether src 02:00:00:00:00:99'
drop='ip_rcv_core|__netif_receive_skb_core'
cause='__netif_receive_skb_core /vlan_do_receive/
__netif_receive_skb_core /skb_vlan_tag_present/
__netif_receive_skb_core /skb_vlan_tag_get_id/
vlan_do_receive /if \(!vlan_dev\)/
ip_rcv_core /PACKET_OTHERHOST/'
remedy() { in_d2 'link add link b0 name b0.77 type vlan id 77' 'link set b0.77 up'; }
