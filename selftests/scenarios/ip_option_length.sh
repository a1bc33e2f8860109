truth='__ip_options_compile(): an option is longer than what is left'
setup() { net 'listen("d2", "udp", 5000)'; }
send='into(udp4("10.77.0.1", "10.77.0.2", 4000, 5000, options=bytes([7, 40, 4, 0])))'
send_well='into(udp4("10.77.0.1", "10.77.0.2", 4000, 5000, options=bytes([1, 1, 1, 0])))'
filter='udp port 5000'
drop='ip_rcv_finish_core|ip_rcv_finish'
cause='__ip_options_compile /optlen < 2 \|\| optlen > l/'
