truth='xfrm_policy_ok(): the policy wants ESP, and the packet had none'
setup() { net 'listen("d2", "udp", 5000)'; must ip -n d2 xfrm policy add src 10.77.0.1 dst 10.77.0.2 dir in tmpl proto esp mode transport; }
send='into(udp4("10.77.0.1", "10.77.0.2", 4000, 5000))'
filter='udp port 5000'
drop='udp_queue_rcv_one_skb'
reason=XFRM_POLICY
cause='xfrm_policy_ok /.*/
__xfrm_policy_check /if \(k < 0\)/'
remedy() { must ip -n d2 xfrm policy flush; }
