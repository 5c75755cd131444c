// Package wire is the bytes of BFD: the control packet of RFC 5880 4.1, with
// every check of RFC 5880 6.8.6 that needs no session.
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	|Vers |  Diag   |Sta|P|F|C|A|D|M|  Detect Mult  |    Length     |
//	|                       My Discriminator                        |
//	|                      Your Discriminator                       |
//	|                    Desired Min TX Interval                    |
//	|                   Required Min RX Interval                    |
//	|                 Required Min Echo RX Interval                 |
//
// Nothing here allocates or keeps the bytes it was given. Every reason to
// refuse a packet is a Drop.
package wire
