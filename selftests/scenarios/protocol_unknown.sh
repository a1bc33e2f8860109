truth='ip_protocol_deliver_rcu(): inet_protos[253] is NULL, and no raw socket took it: raw_local_deliver() is 0, from the walk of raw_v4_input()'
send="into(ip4('10.77.0.1', '10.77.0.2', 253, bytes(20)))"
filter='ip proto 253'
drop='ip_protocol_deliver_rcu|ip_local_deliver_finish'
reason=IP_NOPROTO
cause='raw_v4_input /sk_for_each_rcu/
ip_protocol_deliver_rcu /if \(ipprot\)/
ip_protocol_deliver_rcu /if \(!raw\)/'
