// The connections of the server: so many, and those without a request under way make room for others.
//
// A connection that has sent half a request costs nothing but its place. When all places are taken, the one that has
// waited longest without a whole request is closed; so nobody is locked out by connections that say nothing.
export function boundConnections(server, most) {
  // In the order in which they began to wait.
  const waiting = new Set();
  const open = new Set();
  server.on('connection', (socket) => {
    if (open.size >= most) {
      const [longest] = waiting;
      if (longest === undefined) {
        socket.destroy();
        return;
      }
      forget(longest);
      longest.destroy();
    }
    open.add(socket);
    waiting.add(socket);
    socket.once('close', () => forget(socket));
  });
  server.on('request', (request, response) => {
    const { socket } = request;
    request.once('end', () => waiting.delete(socket));
    response.once('close', () => {
      // To the end of the line.
      waiting.delete(socket);
      if (open.has(socket)) waiting.add(socket);
    });
  });

  function forget(socket) {
    open.delete(socket);
    waiting.delete(socket);
  }
}
