truth='sch_handle_ingress(): tcf_classify() returns TC_ACT_SHOT, from the action'
setup() { must modprobe -a sch_ingress cls_u32 act_gact; must tc -n d2 qdisc add dev b0 ingress; must tc -n d2 filter add dev b0 parent ffff: protocol ip u32 match ip dport 7105 0xffff action drop; }
send="into(udp4('10.77.0.1', '10.77.0.2', 3000, 7105))"
filter='dst port 7105'
drop='__netif_receive_skb_core|sch_handle_ingress'
reason=TC_INGRESS
cause='sch_handle_ingress /./
tcf_gact_act /./
tcf_action_exec /./
u32_classify /./'
remedy() { must tc -n d2 qdisc del dev b0 ingress; }
