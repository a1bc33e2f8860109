truth='__xfrm_policy_check(): the policy has action block'
setup() { must ip -n d2 xfrm policy add src 10.77.0.1 dst 10.77.0.2 dir in action block; net 'listen("d2", "udp", 7002)'; }
send="into(udp4('10.77.0.1', '10.77.0.2', 3000, 7002))"
filter='dst port 7002'
drop='udp_queue_rcv_one_skb|ip_protocol_deliver_rcu|__udp4_lib_rcv'
reason=XFRM_POLICY
cause='__xfrm_policy_check /pol->action == XFRM_POLICY_ALLOW/
__xfrm_policy_check /./'
remedy() { must ip -n d2 xfrm policy flush; }
