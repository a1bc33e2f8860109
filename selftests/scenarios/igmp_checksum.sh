truth='igmp_rcv(): skb_checksum_simple_validate() fails'
send="into(ip4('10.77.0.1', '224.0.0.1', 2, bytes([0x11, 0, 1, 2, 0, 0, 0, 0])), dst='01:00:5e:00:00:01')"
filter='igmp and src host 10.77.0.1'
drop=igmp_rcv
cause='igmp_rcv /skb_checksum_simple_validate/
__skb_checksum_validate_complete /csum_fold/
__skb_checksum_complete /./'
