truth='llc_rcv(): no SAP 0x42'
setup() { must modprobe llc2; }
send='frame("d1", "a0", eth("02:00:00:00:00:02", 46, bytes([0x44, 0x44, 3]) + bytes(43), src="02:00:00:00:00:98"))'
filter='ether src 02:00:00:00:00:98'
drop='llc_rcv'
cause='llc_rcv /!sap/
llc_sap_find /.*/
__llc_sap_find /.*/'
