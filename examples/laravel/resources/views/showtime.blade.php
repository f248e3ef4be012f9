<!doctype html>
<html lang="{{ str_replace('_', '-', app()->getLocale()) }}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>{{ $showtime }}</title>
  <script type="module" src="{{ config('services.seatcast.public_url') }}/static/js/seat-map.js"></script>
  <style>seat-map { display: block; block-size: 80vh }</style>
</head>
<body>
  @if (session('booked'))
    <p role="status">Thank you. Your booking: {{ session('booked') }}</p>
  @endif
  @error('seats')
    <p role="alert">{{ $message }}</p>
  @enderror

  <seat-map showtime="{{ $showtime }}" base="{{ config('services.seatcast.public_url') }}/" user="{{ $userId }}" lang="{{ str_replace('_', '-', app()->getLocale()) }}">
    <button slot="actions" form="order" id="pay" disabled>To payment</button>
  </seat-map>

  <form id="order" method="post" action="{{ route('showtime.book', $showtime) }}">
    @csrf
    <input type="hidden" name="booking_id" value="{{ $bookingId }}">
  </form>

  <script type="module">
    const map = document.querySelector('seat-map');
    const form = document.querySelector('#order');
    const pay = document.querySelector('#pay');

    function update() {
      pay.disabled = !map.room?.own().length;
    }

    for (const type of ['ready', 'seatlock', 'seatunlock', 'seatlost']) map.addEventListener(type, update);

    form.addEventListener('formdata', ({ formData }) => {
      for (const seat of map.room.own()) formData.append('seats[]', seat.seatId);
    });
  </script>
</body>
</html>
