truth='br_handle_frame(): the state of the port is BR_STATE_DISABLED, neither forwarding nor learning'
setup() { must modprobe bridge; in_d2 'addr flush dev b0' 'link add br0 type bridge' 'link set b0 master br0' 'link set br0 up'; must bridge -n d2 link set dev b0 state 0; }
send="into(udp4('10.79.0.1', '10.79.0.2', 3000, 7102))"
filter='dst port 7102'
drop='br_handle_frame'
cause='br_handle_frame /switch \(p->state\)/
br_handle_frame /case BR_STATE/'
remedy() { must bridge -n d2 link set dev b0 state 3; }
