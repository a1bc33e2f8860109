truth='mpls_forward(): MPLS input is off for the device'
setup() { must modprobe mpls_router; set_in d2 net.mpls.platform_labels=100 net.mpls.conf.b0.input=0; }
send='frame("d1", "a0", eth("02:00:00:00:00:02", 0x8847, struct.pack("!I", 50 << 12 | 0x1ff) + udp4("10.77.0.1", "10.77.0.2", 4000, 5000)))'
filter='mpls'
drop='mpls_forward'
cause='mpls_forward /!mdev->input_enabled/'
