truth='ip_check_mc_rcu(): the group is not in mc_list'
send="raw('d1', '224.0.0.5', 89, ospf_hello(), 'a0')"
filter='proto ospf'
drop=ip_rcv_finish_core
cause='ip_check_mc_rcu /for_each_pmc_rcu/
ip_check_mc_rcu /im->multiaddr == mc_addr/'
remedy() { in_d2 'addr add 224.0.0.5/32 dev b0 autojoin'; net 'listen("d2", "raw", 89)'; }
