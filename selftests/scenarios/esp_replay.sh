truth='xfrm_replay_check_legacy(): sequence number 0 (reading the source)'
setup() { must ip -n d2 xfrm state add src 10.77.0.1 dst 10.77.0.2 proto esp spi 0x1234 mode transport replay-window 32 enc 'cbc(aes)' 0x00112233445566778899aabbccddeeff auth 'hmac(sha1)' 0x00112233445566778899aabbccddeeff00112233; }
send='into(ip4("10.77.0.1", "10.77.0.2", 50, struct.pack("!II", 0x1234, 0) + bytes(48)))'
filter='ip proto 50'
drop='xfrm_input'
cause='xfrm_replay_check_legacy /seq == 0/
xfrm_replay_check_bmp /seq == 0/'
