truth='ip_rcv_core(): ip_fast_csum() of the header is not 0'
send="into(ip4('10.77.0.9', '10.77.0.2', 17, bytes(20), bad=1))"
send_well="into(ip4('10.77.0.9', '10.77.0.2', 17, bytes(20)))"
filter='src host 10.77.0.9'
drop=ip_rcv_core
reason=IP_CSUM
cause='ip_rcv_core /ip_fast_csum/'
