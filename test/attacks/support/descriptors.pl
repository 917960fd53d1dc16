# Descriptors over unix sockets, for the tests:
#   send SOCKET FILE HEX    connects, sends the bytes with the open file attached, prints the answer in hex
#   give MEETING SOCKET     connects to SOCKET, and hands that connection to whoever listens at MEETING
#   take MEETING HEX        listens at MEETING for a connection, sends the bytes over it, prints the answer in hex
use strict;
use warnings;
use Config;
use Socket;

# asm/unistd_64.h, asm-generic/unistd.h
my ( $sendmsg, $recvmsg ) = $Config{archname} =~ /^x86_64/ ? ( 46, 47 ) : ( 211, 212 );

# struct msghdr with one struct iovec and room for one descriptor (unix(7), cmsg(3)).
sub message {
    my ( $data, $control ) = @_;
    my $vector = pack 'P Q', $_[0], length $_[0];
    return ( pack( 'Q L x4 P Q P Q l x4', 0, 0, $vector, 1, $_[1], length $_[1], 0 ), $vector );
}

sub connected {
    socket my $socket, PF_UNIX, SOCK_STREAM, 0 or die "socket: $!\n";
    connect $socket, pack_sockaddr_un( $_[0] ) or die "connect: $!\n";
    return $socket;
}

sub hand_over {
    my ( $socket, $data, $file ) = @_;
    my $control = pack 'Q l l l x4', 20, SOL_SOCKET, 1, fileno $file;
    my ( $header, $kept ) = message( $data, $control );
    syscall( $sendmsg, fileno $socket, $header, 0 ) == length $data or die "sendmsg: $!\n";
}

sub print_answer {
    my ($socket) = @_;
    my $answer = '';
    while ( sysread $socket, $answer, 65536, length $answer ) { }
    print unpack( 'H*', $answer ), "\n";
}

my ( $what, @words ) = @ARGV;
if ( $what eq 'send' ) {
    my ( $path, $file, $hex ) = @words;
    my $socket = connected($path);
    open my $opened, '<', $file or die "$file: $!\n";
    hand_over( $socket, pack( 'H*', $hex ), $opened );
    print_answer($socket);
}
elsif ( $what eq 'give' ) {
    my ( $meeting, $path ) = @words;
    for ( 1 .. 200 ) { last if -S $meeting; select undef, undef, undef, 0.05 }
    hand_over( connected($meeting), 'x', connected($path) );
}
else {
    my ( $meeting, $hex ) = @words;
    socket my $listener, PF_UNIX, SOCK_STREAM, 0 or die "socket: $!\n";
    bind $listener, pack_sockaddr_un($meeting) or die "bind: $!\n";
    chmod 0777, $meeting;
    listen $listener, 1;
    accept( my $connection, $listener ) or die "accept: $!\n";
    my ( $data, $control ) = ( ' ', "\0" x 24 );
    my ( $header, $kept ) = message( $data, $control );
    syscall( $recvmsg, fileno $connection, $header, 0 ) == 1 or die "recvmsg: $!\n";
    my $number = unpack 'x16 l', $control;
    open my $socket, '+<&=', $number or die "handed: $!\n";
    unlink $meeting;
    syswrite $socket, pack 'H*', $hex;
    print_answer($socket);
}
