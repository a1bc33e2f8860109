truth='__netif_receive_skb_core(): no packet_type takes 0x88b5: pt_prev is NULL'
send="into(b'nobody listens to this' + bytes(40), ethertype=0x88b5)"
filter='ether proto 0x88b5'
drop=__netif_receive_skb_core
reason=UNHANDLED_PROTO
cause='__netif_receive_skb_core /if \(pt_prev\)/
deliver_ptype_list_skb /./'
