truth='br_handle_frame(): the source address is a multicast one'
setup() { in_d2 'link add br0 type bridge' 'link set b0 master br0' 'link set br0 up'; }
send='frame("d1", "a0", eth("02:00:00:00:00:02", ETH_IP, udp4("10.77.0.1", "10.77.0.2", 4000, 5000), src="03:00:00:00:00:99"))'
send_well='into(udp4("10.77.0.1", "10.77.0.2", 4000, 5000))'
filter='udp port 5000'
drop=br_handle_frame
cause='br_handle_frame /!is_valid_ether_addr/
is_valid_ether_addr /.*/
is_multicast_ether_addr /.*/'
