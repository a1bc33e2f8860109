truth='__neigh_event_send(): no probes are allowed, so the neighbour fails at once'
setup() { set_in d1 net.ipv4.neigh.a0.mcast_solicit=0 net.ipv4.neigh.a0.app_solicit=0; }
send='udp("d1", "10.77.0.9", 5000)'
filter='udp port 5000'
drop='__neigh_event_send'
reason=NEIGH_FAILED
cause='__neigh_event_send /NEIGH_VAR\(neigh->parms, (MCAST|APP)_PROBES\)/'
